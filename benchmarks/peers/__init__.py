"""What moocfeed is measured beside: run as commands of their own, like moocfeed itself."""
