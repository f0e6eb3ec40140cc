"""Live changes of a course as Server-Sent Events, for any number of readers."""
