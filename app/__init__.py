"""The application: settings, command line, web service, pages, demo."""
