"""Microsoft Graph over HTTPS: the adapter behind the station's Directory port."""
