"""What other people's homepages embed: the element `<course-feed>`, and the QR code of a course."""
