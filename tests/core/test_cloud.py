"""The clouds: which host signs people in, and which one answers for the directory."""

import pytest

from app.core.cloud import Cloud

TENANT = "3f9d2c71-8a40-4be6-b5d7-e20c94a16f30"


@pytest.mark.parametrize(
    ("cloud", "login", "graph"),
    [
        ("global", "login.microsoftonline.com", "graph.microsoft.com"),
        ("us-gov-l4", "login.microsoftonline.us", "graph.microsoft.us"),
        ("us-gov-l5", "login.microsoftonline.us", "dod-graph.microsoft.us"),
        ("china", "login.partner.microsoftonline.cn", "microsoftgraph.chinacloudapi.cn"),
    ],
)
def test_sign_in_and_directory_of_a_cloud_go_together(cloud: str, login: str, graph: str) -> None:
    found = Cloud(cloud)
    assert (found.login_host, found.graph_host) == (login, graph)
    assert found.graph_url == f"https://{graph}"
    assert found.authority(TENANT) == f"https://{login}/{TENANT}"


def test_every_cloud_has_a_directory_of_its_own() -> None:
    assert len({cloud.graph_host for cloud in Cloud}) == len(Cloud)


def test_hardware_tokens_are_documented_for_the_global_cloud_alone() -> None:
    assert [cloud for cloud in Cloud if cloud.documents_hardware_oath] == [Cloud.GLOBAL]
