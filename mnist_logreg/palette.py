"""Okabe and Ito's colours, for any colour vision: https://jfly.uni-koeln.de/color/."""

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#666666"
PURPLE, YELLOW = "#CC79A7", "#E69F00"
