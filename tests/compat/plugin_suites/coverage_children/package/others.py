class Both:
    def both(self, one):
        return one and 1


def five():
    return 5
