"""HTTP to the product. Proxies of the environment are for the outside world, not for a loopback neighbour."""

import requests


def new_session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    return session
