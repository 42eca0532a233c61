from base import Base
from sqlalchemy.orm import Mapped, mapped_column, relationship


class Author(Base):
    __tablename__ = "author"
    id: Mapped[int] = mapped_column(primary_key=True)
    books: Mapped[list["Book"]] = relationship(back_populates="author")


def test_author(session):
    session.add(Author())
    session.commit()


def test_second_author(session):
    session.add(Author())
    session.commit()
