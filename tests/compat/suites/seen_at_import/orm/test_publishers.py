from publishers import Publisher


def test_a_publisher_finds_authors():
    assert Publisher.other().__name__ == "Author"
