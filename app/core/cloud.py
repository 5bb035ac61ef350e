"""The clouds Entra ID is operated in: who signs people in there, and where Graph answers.

A sign-in token of one cloud is worth nothing in another, so the two hosts always go together.
"""

import enum


class Cloud(enum.Enum):
    """A deployment of Entra ID and Graph.

    The hosts are those of Microsoft's pages "National clouds" (identity platform) and "National
    cloud deployments" (Graph).
    """

    GLOBAL = "global"
    """Also GCC, which lives in the global deployment."""
    US_GOV_L4 = "us-gov-l4"
    """GCC High."""
    US_GOV_L5 = "us-gov-l5"
    """DoD."""
    CHINA = "china"
    """Operated by 21Vianet."""

    @property
    def login_host(self) -> str:
        """The host of the sign-in service."""
        return _HOSTS[self][0]

    @property
    def sign_in_hosts(self) -> tuple[str, ...]:
        """Every host whose pages a person passes while they sign in, the sign-in service first.

        `login.microsoft.com` serves passkeys in the global cloud. What these pages load besides
        (scripts, pictures) comes from other hosts, and is no page.
        """
        return self.login_host, *_FURTHER_HOSTS.get(self, ())

    @property
    def graph_host(self) -> str:
        """The host of Microsoft Graph."""
        return _HOSTS[self][1]

    @property
    def graph_url(self) -> str:
        """The address of Microsoft Graph, without a version and without a slash at its end."""
        return f"https://{self.graph_host}"

    @property
    def documents_hardware_oath(self) -> bool:
        """Whether the management of hardware OATH tokens is documented for this cloud.

        Where it is not, the station may find it absent (Graph beta reference, hardwareOathDevice:
        global service only).
        """
        return self is Cloud.GLOBAL

    def authority(self, tenant_id: str) -> str:
        """Return the sign-in authority of the tenant in this cloud."""
        return f"https://{self.login_host}/{tenant_id}"


_HOSTS = {
    Cloud.GLOBAL: ("login.microsoftonline.com", "graph.microsoft.com"),
    Cloud.US_GOV_L4: ("login.microsoftonline.us", "graph.microsoft.us"),
    Cloud.US_GOV_L5: ("login.microsoftonline.us", "dod-graph.microsoft.us"),
    Cloud.CHINA: ("login.partner.microsoftonline.cn", "microsoftgraph.chinacloudapi.cn"),
}

_FURTHER_HOSTS = {
    Cloud.GLOBAL: ("login.microsoft.com",),
    Cloud.CHINA: ("login.chinacloudapi.cn",),
}
