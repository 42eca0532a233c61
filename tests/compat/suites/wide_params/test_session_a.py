def test_plain():
    pass


def test_site(site):
    assert site in ("north", "south")


def test_site_again(site):
    assert site
