"""The colours of all figures and pages, for any colour vision, by Okabe and Ito.

https://jfly.uni-koeln.de/color/
"""

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#666666"
PURPLE, YELLOW = "#CC79A7", "#E69F00"
