"""The pages that people look at: rendered here, readable without a line of JavaScript."""
