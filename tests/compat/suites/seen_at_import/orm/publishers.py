from tables import Table


class Publisher(Table):
    refers_to = "Author"
