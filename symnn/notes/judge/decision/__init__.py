"""The decision: normal forms, ball arithmetic at points of many styles, witnesses."""
