"""The database's address, read as libpq would."""

from meritbook.site.settings import _database


def test_parameters_of_the_address_reach_the_driver():
    read = _database(
        "postgresql://app:p%40ss@db.example:6432/merit%20book?sslmode=require&sslrootcert=/ca.pem",
        pooled=False,
    )
    assert (read["HOST"], read["PORT"], read["USER"]) == ("db.example", "6432", "app")
    assert (read["NAME"], read["PASSWORD"]) == ("merit book", "p@ss")
    assert read["OPTIONS"] == {"sslmode": "require", "sslrootcert": "/ca.pem"}


def test_a_socket_folder_is_the_host():
    read = _database("postgresql://app@/book?host=/var/run/postgresql", pooled=True)
    assert read["HOST"] == "/var/run/postgresql"
    assert "host" not in read["OPTIONS"]
    assert "pool" in read["OPTIONS"]
