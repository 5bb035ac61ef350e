"""What stands in for the world outside the station: fakes with state that fulfil core's ports."""
