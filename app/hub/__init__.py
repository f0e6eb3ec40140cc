"""A WebSub hub for our own feeds (https://www.w3.org/TR/websub/): whoever subscribes is told."""
