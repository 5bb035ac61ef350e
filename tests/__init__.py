"""The tests: a folder per package of app/, one file per module; fakes, never mocks."""
