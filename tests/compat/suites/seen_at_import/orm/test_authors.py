from tables import Table


class Author(Table):
    refers_to = "Book"


def test_an_author_finds_books():
    assert Author.other().__name__ == "Book"
