"""Figures drawn on the server as SVG: colours come from the page's style sheet, so one drawing serves light and dark."""
