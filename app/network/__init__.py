"""The edge to the network: trusted authorities, proxies, and exchanges with one deadline each."""
