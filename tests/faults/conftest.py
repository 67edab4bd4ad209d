"""What the tests of races, interruptions and deadlines have ready before they measure."""

import pytest

from eas_deploy.clients.sender import official_packages


@pytest.fixture(scope="session", autouse=True)
def _official_packages_are_loaded():
    """Their import takes half a second, which is not what deadlines are measured by here."""
    official_packages()
