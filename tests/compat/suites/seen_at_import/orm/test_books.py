from tables import Table


class Book(Table):
    refers_to = "Publisher"


def test_a_book_finds_its_publisher():
    assert Book.other().__name__ == "Publisher"
