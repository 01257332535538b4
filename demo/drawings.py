"""The shop's pictures as SVG: flat still lifes that all stand on one shelf line, so that a row of cards reads as a shelf."""

from collections.abc import Sequence

WIDTH, HEIGHT, SHELF, BASE = 800, 1000, 770, 862  # the wall ends at SHELF, things stand at BASE

Leaves = Sequence[tuple[float, float, float]]  # where each is, and how it is turned

WALLS = {  # wall, table, shadow on the table
    "celadon": ("#d3e3de", "#b4cdc6", "#94b3ab"),
    "sand": ("#efe3d0", "#dfcbab", "#c4ab84"),
    "dusk": ("#d4dfea", "#b3c6d8", "#92aac1"),
    "blush": ("#f2ddd5", "#e3beb0", "#c79d8d"),
    "saffron": ("#f7e6b8", "#ebcf86", "#cfae5c"),
    "lilac": ("#e2deea", "#c8c0d6", "#a79dba"),
    "sage": ("#dde6cf", "#c1cfa9", "#a1b185"),
    "night": ("#1e3238", "#2c464c", "#1a2c31"),
}


def ellipse(cx: float, cy: float, rx: float, ry: float, fill: str, extra: str = "") -> str:
    return f'<ellipse cx="{cx}" cy="{cy}" rx="{rx}" ry="{ry}" fill="{fill}" {extra}/>'


def circle(cx: float, cy: float, r: float, fill: str, extra: str = "") -> str:
    return f'<circle cx="{cx}" cy="{cy}" r="{r}" fill="{fill}" {extra}/>'


def rect(x: float, y: float, w: float, h: float, fill: str, r: float = 0, extra: str = "") -> str:
    return f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="{r}" fill="{fill}" {extra}/>'


def path(d: str, fill: str = "none", extra: str = "") -> str:
    return f'<path d="{d}" fill="{fill}" {extra}/>'


def line(d: str, stroke: str, width: float, extra: str = "") -> str:
    return f'<path d="{d}" fill="none" stroke="{stroke}" stroke-width="{width}" stroke-linecap="round" stroke-linejoin="round" {extra}/>'


def shadow(cx: float, rx: float, dx: float = 40) -> str:
    return ellipse(cx + dx, BASE - 4, rx, max(14, rx * 0.13), "SHADOW")


def walnut_lamp(*, lit: bool = False) -> str:
    wood, dark, light = "#7a4e30", "#5d3922", "#976743"
    shade, inner = ("#f6d98a", "#fff3c9") if lit else ("#23606b", "#184a54")
    glow = ""
    if lit:
        glow = (
            '<linearGradient id="beam" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#f4d58a" stop-opacity=".5"/>'
            '<stop offset="1" stop-color="#f4d58a" stop-opacity=".1"/></linearGradient>'
            + path("M181 494 L60 862 Q330 900 610 862 L463 402Z", "url(#beam)")
            + ellipse(335, 860, 275, 34, "#f4d58a", 'opacity=".35"')
        )
    return (
        glow
        + shadow(480, 160)
        + ellipse(470, BASE - 12, 132, 26, dark)
        + ellipse(470, BASE - 24, 132, 26, wood)
        + path("M338 838 a132 26 0 0 0 264 0", "none")
        + ellipse(452, BASE - 30, 84, 12, light, 'opacity=".55"')
        + line("M470 832 L560 520", wood, 26)
        + line("M463 828 L552 522", light, 6, 'opacity=".7"')
        + line("M560 520 L330 320", wood, 22)
        + line("M556 508 L334 316", light, 5, 'opacity=".7"')
        + circle(560, 520, 25, "#c79a3b")
        + circle(555, 514, 10, "#e6c268")
        + circle(470, 834, 16, "#c79a3b")
        + '<g transform="rotate(-18 322 330)">'
        + ellipse(322, 448, 148, 30, inner)
        + (ellipse(322, 452, 60, 15, "#fffdf2") if lit else ellipse(322, 452, 46, 11, "#f5e6b8"))
        + path("M268 308 Q322 286 376 308 L470 448 A148 30 0 0 0 174 448Z", shade)
        + path("M268 308 Q286 299 300 297 L250 421 Q206 428 174 448Z", "#ffffff", 'opacity=".16"')
        + path("M376 308 L470 448 Q440 425 396 421 L346 297Z", "#000000", 'opacity=".12"')
        + rect(292, 272, 60, 34, "#c79a3b", 10)
        + rect(300, 272, 18, 34, "#e6c268", 8)
        + "</g>"
    )


def lamp_detail() -> str:
    wood, light = "#7a4e30", "#976743"
    return (
        line("M80 1080 L470 470", wood, 150)
        + line("M40 1060 L432 442", light, 26, 'opacity=".65"')
        + line("M150 1075 L300 842", "#5d3922", 7, 'opacity=".5"')
        + line("M120 1020 L395 590", "#5d3922", 5, 'opacity=".4"')
        + line("M470 470 L-80 60", wood, 128)
        + line("M458 412 L-60 30", light, 22, 'opacity=".65"')
        + line("M250 330 L20 160", "#5d3922", 6, 'opacity=".45"')
        + circle(470, 470, 142, "#a97f2b")
        + circle(462, 460, 132, "#c79a3b")
        + circle(448, 444, 92, "#d9b254")
        + circle(440, 434, 58, "#e6c268")
        + rect(376, 426, 128, 16, "#a97f2b", 8, 'transform="rotate(-32 440 434)"')
    )


def mug(x: float = 400, scale: float = 1.0, dx: float = 40) -> str:
    body, glaze = "#e9e4d8", "#5f8a86"
    g = f'<g transform="translate({x} {BASE}) scale({scale}) translate(-400 -{BASE})">'
    return (
        g
        + shadow(400, 170, dx=dx)
        + path("M548 640 C690 630 690 810 530 800 L530 768 C638 772 638 668 548 678Z", glaze)
        + path("M560 652 C660 646 664 700 650 740 C640 690 620 672 560 676Z", "#ffffff", 'opacity=".18"')
        + path("M246 590 H554 L546 800 Q542 858 484 860 H316 Q258 858 254 800Z", body)
        + path("M246 590 H554 L550 706 Q500 730 470 700 Q440 676 404 708 Q366 742 330 706 Q296 680 250 712Z", glaze)
        + path("M500 590 H554 L546 800 Q542 858 484 860 H440 Q494 850 498 800Z", "#1c2f30", 'opacity=".14"')
        + rect(278, 616, 18, 150, "#ffffff", 9, 'opacity=".35"')
        + ellipse(400, 590, 154, 34, "#4a726e")
        + ellipse(400, 594, 136, 26, "#3b2417")
        + path("M264 594 a136 26 0 0 1 272 0 a136 20 0 0 0 -272 0", "#2f5552")
        + "".join(
            circle(cx, cy, 4, "#8f8874", 'opacity=".7"')
            for cx, cy in (
                (300, 800),
                (340, 770),
                (372, 826),
                (430, 792),
                (460, 832),
                (410, 760),
                (316, 838),
                (286, 760),
            )
        )
        + "</g>"
    )


def steam() -> str:
    return "".join(
        line(f"M{x} 530 C{x - 34} 490 {x + 34} 450 {x} 400", "#ffffff", 12, 'opacity=".75"') for x in (350, 405, 460)
    )


def pendant() -> str:
    paper, edge = "#fbf5e6", "#e4d8bd"
    ribs = "".join(
        path(f"M400 250 C{400 + k} 300 {400 + k} 570 400 620", "none", f'stroke="{edge}" stroke-width="5"')
        for k in (-250, -170, -85, 85, 170, 250)
    )
    return (
        line("M400 0 V246", "#33474b", 7)
        + rect(374, 214, 52, 44, "#33474b", 10)
        + ellipse(400, BASE - 2, 180, 22, "SHADOW", 'opacity=".8"')
        + ellipse(400, 436, 214, 192, paper)
        + ribs
        + path("M400 244 a214 192 0 0 1 0 384 C560 590 560 290 400 244Z", "#c7a667", 'opacity=".18"')
        + ellipse(330, 370, 60, 76, "#ffffff", 'opacity=".65"')
        + ellipse(400, 622, 54, 11, "#d9caa6")
    )


def candlesticks() -> str:
    def stick(x: float, top: float, h: float) -> str:
        return (
            ellipse(x, BASE - 8, 66, 16, "#a97f2b")
            + ellipse(x, BASE - 16, 66, 16, "#c79a3b")
            + path(f"M{x - 12} {top + 40} H{x + 12} L{x + 16} {BASE - 18} H{x - 16}Z", "#c79a3b")
            + path(f"M{x - 12} {top + 40} H{x - 3} L{x - 5} {BASE - 18} H{x - 16}Z", "#e6c268")
            + ellipse(x, (top + BASE) / 2 + 20, 26, 13, "#d9b254")
            + ellipse(x, top + 46, 36, 12, "#e6c268")
            + rect(x - 19, top, 38, 48, "#c79a3b", 8)
            + rect(x - 15, top - h, 30, h + 6, "#f8f2e4", 5)
            + rect(x + 3, top - h, 12, h + 6, "#e2d6bd", 5)
            + line(f"M{x} {top - h} v-14", "#3b2f25", 4)
            + path(
                f"M{x} {top - h - 74} C{x + 30} {top - h - 36} {x + 18} {top - h - 10} {x} {top - h - 8} "
                f"C{x - 18} {top - h - 10} {x - 24} {top - h - 40} {x} {top - h - 74}Z",
                "#f0a92e",
            )
            + path(
                f"M{x} {top - h - 44} C{x + 13} {top - h - 26} {x + 8} {top - h - 12} {x} {top - h - 11} "
                f"C{x - 9} {top - h - 12} {x - 11} {top - h - 28} {x} {top - h - 44}Z",
                "#fff0bf",
            )
        )

    return shadow(300, 86) + shadow(500, 86) + stick(300, 560, 190) + stick(500, 660, 150)


def carafe() -> str:
    return (
        shadow(360, 150)
        + shadow(570, 72, dx=26)
        + path(
            "M306 330 H414 V470 C414 540 500 600 500 720 V812 Q500 860 450 860 H270 Q220 860 220 812 V720 C220 600 306 540 306 470Z",
            "#f3fafa",
            'opacity=".72"',
        )
        + path(
            "M222 700 C260 690 300 712 360 700 C420 688 460 706 498 696 Q500 706 500 720 V812 Q500 860 450 860 H270 Q220 860 220 812 V720Z",
            "#6ea6b3",
            'opacity=".62"',
        )
        + path(
            "M306 330 H414 V470 C414 540 500 600 500 720 V812 Q500 860 450 860 H412 Q456 850 456 800 V720 C456 610 378 560 378 470 V330Z",
            "#1b4c58",
            'opacity=".14"',
        )
        + line("M250 800 V716 C250 640 300 590 322 530", "#ffffff", 12, 'opacity=".85"')
        + ellipse(360, 330, 56, 13, "#d7e8ea")
        + rect(326, 262, 68, 74, "#b88a58", 12)
        + rect(326, 262, 24, 74, "#cfa576", 12)
        + path("M520 690 H624 L614 846 Q612 860 598 860 H546 Q532 860 530 846Z", "#f3fafa", 'opacity=".75"')
        + path("M525 762 H619 L614 846 Q612 860 598 860 H546 Q532 860 530 846Z", "#6ea6b3", 'opacity=".6"')
        + ellipse(572, 690, 52, 11, "#d7e8ea")
        + line("M540 724 L546 830", "#ffffff", 8, 'opacity=".8"')
    )


def board() -> str:
    wood, dark, light = "#b9834f", "#8f5f34", "#d3a472"
    return (
        shadow(400, 210)
        + '<g transform="rotate(7 400 600)">'
        + rect(252, 352, 312, 510, dark, 60)
        + rect(240, 346, 312, 510, wood, 60)
        + rect(352, 170, 92, 220, dark, 46)
        + rect(344, 166, 92, 230, wood, 46)
        + circle(390, 226, 23, "WALL")
        + path("M367 226 a23 23 0 0 1 46 0", "none", f'stroke="{dark}" stroke-width="6"')
        + "".join(
            line(d, light, 7, 'opacity=".7"')
            for d in (
                "M280 420 C300 560 268 690 290 810",
                "M330 400 C352 560 318 700 340 830",
                "M500 420 C470 560 514 700 490 820",
            )
        )
        + "".join(
            line(d, dark, 5, 'opacity=".55"')
            for d in (
                "M400 420 C380 520 440 560 420 640 C400 700 420 760 404 830",
                "M446 420 C430 510 486 580 452 660",
                "M370 500 C362 590 388 640 372 720",
            )
        )
        + ellipse(428, 600, 16, 34, dark, 'opacity=".5"')
        + "</g>"
        + circle(600, 812, 50, "#cf5a3c")
        + path("M600 762 a50 50 0 0 1 0 100 a70 70 0 0 0 0 -100", "#9f3d26", 'opacity=".55"')
        + circle(584, 796, 12, "#ffffff", 'opacity=".4"')
        + line("M600 766 q4 -18 20 -24", "#4d6b35", 8)
        + path("M604 762 q26 -22 44 -2 q-22 16 -44 2Z", "#6a8d46")
    )


def kettle() -> str:
    enamel, dark, light = "#c8553d", "#9c3d29", "#e07a61"
    return (
        shadow(400, 200)
        + line("M262 560 C250 360 550 360 538 560", "#2b2f30", 22)
        + rect(330, 396, 140, 36, "#7a4e30", 18)
        + rect(338, 400, 120, 10, "#976743", 5)
        + path("M470 690 L652 512 L700 546 Q640 610 600 790 L500 800Z", dark)
        + path("M470 690 L652 512 L676 529 Q600 600 560 700Z", enamel)
        + ellipse(676, 529, 30, 9, "#7c2f1f", 'transform="rotate(35 676 529)"')
        + path(
            "M216 800 C206 640 290 552 400 552 C510 552 594 640 584 800 Q580 860 520 860 H280 Q220 860 216 800Z", enamel
        )
        + path(
            "M470 562 C548 590 592 680 584 800 Q580 860 520 860 H440 C520 850 544 800 540 740 C536 660 512 600 470 562Z",
            dark,
            'opacity=".75"',
        )
        + path(
            "M262 760 C262 680 296 620 346 596", "none", f'stroke="{light}" stroke-width="20" stroke-linecap="round"'
        )
        + ellipse(400, 562, 92, 20, dark)
        + ellipse(400, 554, 92, 20, enamel)
        + circle(400, 524, 22, "#2b2f30")
        + circle(394, 518, 7, "#6d7374")
        + rect(232, 832, 336, 12, "#7c2f1f", 6, 'opacity=".55"')
    )


def notebook() -> str:
    def book(x: float, y: float, cover: str, dark: str, tilt: float, band: str) -> str:
        return (
            f'<g transform="rotate({tilt} {x + 150} {y + 220})">'
            + rect(x + 16, y + 12, 300, 430, "#f6f1e4", 12)
            + rect(x + 10, y + 8, 300, 432, "#e0d7c1", 12)
            + rect(x, y, 304, 436, cover, 14)
            + rect(x, y, 46, 436, dark, 14)
            + rect(x + 32, y, 14, 436, dark)
            + rect(x + 246, y, 16, 436, band)
            + rect(x + 96, y + 92, 128, 74, "#f6f1e4", 6)
            + rect(x + 116, y + 116, 88, 7, dark, 3, 'opacity=".6"')
            + rect(x + 116, y + 136, 56, 7, dark, 3, 'opacity=".6"')
            + "</g>"
        )

    return (
        shadow(410, 230)
        + book(330, 402, "#3f6b74", "#2d525a", 9, "#f0b429")
        + book(190, 416, "#d9a441", "#b5832b", -5, "#1f4b54")
        + '<g transform="rotate(24 620 700)">'
        + rect(606, 520, 26, 280, "#cf5a3c", 4)
        + rect(606, 520, 10, 280, "#e07a61", 4)
        + path("M606 800 h26 l-13 46Z", "#ecd3a8")
        + path("M614 828 h10 l-5 18Z", "#2b2f30")
        + rect(606, 500, 26, 26, "#b7c6d6", 4)
        + "</g>"
    )


def pencil_pot() -> str:
    def pencil(x: float, top: float, colour: str, light: str, tilt: float) -> str:
        return (
            f'<g transform="rotate({tilt} {x} 700)">'
            + rect(x - 14, top + 50, 28, 300, colour)
            + rect(x - 14, top + 50, 10, 300, light)
            + path(f"M{x - 14} {top + 52} L{x} {top} L{x + 14} {top + 52}Z", "#ecd3a8")
            + path(f"M{x - 5} {top + 18} L{x} {top} L{x + 5} {top + 18}Z", "#2b2f30")
            + "</g>"
        )

    return (
        shadow(400, 150)
        + pencil(340, 360, "#23606b", "#3f8793", -9)
        + pencil(400, 320, "#d9a441", "#f0c46a", 2)
        + pencil(452, 380, "#cf5a3c", "#e07a61", 11)
        + '<g transform="rotate(-3 374 700)">'
        + rect(362, 430, 24, 240, "#9fb0b4")
        + rect(356, 400, 36, 60, "#c7d2d4", 12)
        + "</g>"
        + path("M268 560 H532 L520 836 Q518 860 494 860 H306 Q282 860 280 836Z", "#c89a63")
        + path("M452 560 H532 L520 836 Q518 860 494 860 H430 Q448 700 452 560Z", "#8f6233", 'opacity=".45"')
        + "".join(
            line(d, "#a97a45", 5, 'opacity=".7"')
            for d in (
                "M310 590 C322 680 308 760 318 840",
                "M356 590 C346 690 366 760 354 846",
                "M408 590 C420 700 398 770 410 846",
            )
        )
        + ellipse(400, 560, 132, 27, "#a97a45")
        + path("M284 560 a116 20 0 0 1 232 0 a116 14 0 0 0 -232 0", "#6d4723")
    )


def pot_front() -> str:
    """The pot's rim again, in front of the pencils' lower ends."""
    return path("M268 560 a132 27 0 0 0 264 0 l-1 20 a132 27 0 0 1 -262 0Z", "#c89a63")


def clock() -> str:
    ticks = "".join(
        rect(396, 236, 8, 34 if hour % 3 == 0 else 18, "#33474b", 4, f'transform="rotate({hour * 30} 400 430)"')
        for hour in range(12)
    )
    return (
        circle(418, 452, 236, "SHADOW", 'opacity=".55"')
        + circle(400, 430, 236, "#b9834f")
        + circle(396, 426, 230, "#d3a472")
        + circle(400, 430, 206, "#8f6233", 'opacity=".35"')
        + circle(400, 430, 202, "#fbf8ef")
        + ticks
        + line("M400 430 L310 362", "#1f3a41", 18)
        + line("M400 430 L488 312", "#1f3a41", 12)
        + line("M400 430 L440 560", "#cf5a3c", 5)
        + circle(400, 430, 17, "#1f3a41")
        + circle(400, 430, 7, "#f0b429")
    )


def throw() -> str:
    main, dark, pale = "#5f7f8c", "#486570", "#f3eee2"
    return (
        shadow(400, 250)
        + rect(170, 640, 460, 112, "#d9a441", 50)
        + rect(170, 700, 460, 52, "#b5832b", 26)
        + "".join(line(f"M{x} 652 v88", "#f0c46a", 6, 'opacity=".55"') for x in range(216, 620, 44))
        + rect(150, 742, 500, 116, "#b9605a", 52)
        + rect(150, 806, 500, 52, "#96453f", 26)
        + "".join(line(f"M{x} 756 v90", "#d98a84", 6, 'opacity=".5"') for x in range(200, 640, 44))
        + rect(190, 536, 420, 112, main, 50)
        + rect(190, 596, 420, 52, dark, 26)
        + path("M300 536 H470 V800 Q470 812 458 812 H312 Q300 812 300 800Z", main)
        + path("M430 536 H470 V800 Q470 812 458 812 H430Z", dark, 'opacity=".6"')
        + rect(300, 690, 170, 16, pale)
        + rect(300, 722, 170, 8, pale)
        + rect(300, 660, 170, 8, pale)
        + "".join(line(f"M{x} 812 v{24 + (x * 7) % 8}", main, 8) for x in range(310, 466, 20))
    )


def fern() -> str:
    def frond(d: str, leaves: Leaves, colour: str) -> str:
        return line(d, "#3e5c33", 7) + "".join(
            ellipse(x, y, 34, 13, colour, f'transform="rotate({a} {x} {y})"') for x, y, a in leaves
        )

    deep, mid, light = "#4d7446", "#628d55", "#7da869"
    return (
        shadow(400, 140)
        + frond(
            "M400 600 C380 500 300 420 210 400",
            [
                (352, 486, 80),
                (318, 476, 20),
                (318, 430, 70),
                (276, 442, 15),
                (272, 394, 60),
                (236, 424, -5),
                (216, 392, 30),
            ],
            deep,
        )
        + frond(
            "M400 600 C420 500 500 420 590 400",
            [
                (448, 486, -80),
                (482, 476, -20),
                (482, 430, -70),
                (524, 442, -15),
                (528, 394, -60),
                (564, 424, 5),
                (584, 392, -30),
            ],
            deep,
        )
        + frond(
            "M400 600 C396 480 370 360 320 270",
            [
                (372, 440, 20),
                (420, 440, -40),
                (362, 380, 15),
                (398, 372, -50),
                (336, 330, 10),
                (370, 312, -60),
                (322, 276, 60),
            ],
            mid,
        )
        + frond(
            "M400 600 C404 470 440 350 500 300",
            [
                (386, 470, 35),
                (436, 460, -20),
                (402, 410, 40),
                (454, 410, -15),
                (428, 352, 45),
                (476, 364, -10),
                (486, 310, -40),
            ],
            light,
        )
        + frond(
            "M400 600 C380 560 310 530 230 540",
            [(350, 530, 60), (334, 566, 0), (300, 512, 55), (282, 556, -10), (242, 536, 10)],
            light,
        )
        + frond(
            "M400 600 C420 560 490 530 570 540",
            [(450, 530, -60), (466, 566, 0), (500, 512, -55), (518, 556, 10), (558, 536, -10)],
            mid,
        )
        + path("M276 640 H524 L494 836 Q490 860 466 860 H334 Q310 860 306 836Z", "#c2683f")
        + path("M452 640 H524 L494 836 Q490 860 466 860 H420 Q446 760 452 640Z", "#8e4526", 'opacity=".55"')
        + rect(258, 586, 284, 66, "#d17a4f", 14)
        + path("M456 586 H528 q14 0 14 14 V638 q0 14 -14 14 H456Z", "#a65831", 'opacity=".5"')
        + rect(280, 600, 90, 10, "#e7a07c", 5, 'opacity=".8"')
    )


def missing() -> str:
    """Where a mug should stand."""
    return (
        steam()
        + ellipse(400, BASE - 4, 150, 20, "SHADOW")
        + ellipse(400, BASE - 8, 150, 20, "#b88a58")
        + ellipse(400, BASE - 13, 150, 20, "#cfa576")
        + line("M548 640 C690 630 690 810 530 800", "#8a7350", 7, 'stroke-dasharray="4 20"')
        + line(
            "M246 590 L254 800 Q258 846 316 850 H484 Q542 846 546 800 L554 590 A154 34 0 0 0 246 590 A154 34 0 0 0 554 590",
            "#8a7350",
            7,
            'stroke-dasharray="4 20"',
        )
    )


# The wall that each stands before, and what stands there.
PICTURES = {
    "walnut-desk-lamp": ("celadon", walnut_lamp()),
    "walnut-desk-lamp-2": ("night", walnut_lamp(lit=True)),
    "walnut-desk-lamp-3": ("sand", lamp_detail()),
    "walnut-desk-lamp-4": ("dusk", f'<g transform="translate(150 0)">{walnut_lamp()}</g>' + mug(210, 0.52, dx=60)),
    "stoneware-mug": ("sand", steam() + mug()),
    "paper-pendant": ("dusk", pendant()),
    "brass-candlesticks": ("lilac", candlesticks()),
    "glass-carafe": ("blush", carafe()),
    "olive-board": ("sage", board()),
    "enamel-kettle": ("dusk", kettle()),
    "linen-notebook": ("blush", notebook()),
    "ash-pencil-pot": ("saffron", pencil_pot() + pot_front()),
    "beech-wall-clock": ("sage", clock()),
    "wool-throw": ("lilac", throw()),
    "missing": ("sand", missing()),
    "fern-in-clay": ("saffron", fern()),
}


def scene(wall: str, drawing: str, *, detail: bool = False) -> str:
    colour, table, dark = WALLS[wall]
    drawing = drawing.replace("SHADOW", dark).replace("WALL", colour)
    ground = (
        ""
        if detail
        else rect(0, SHELF, WIDTH, HEIGHT - SHELF, table) + rect(0, SHELF, WIDTH, 5, dark, 0, 'opacity=".45"')
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
        f"{rect(0, 0, WIDTH, HEIGHT, colour)}{ground}{drawing}</svg>\n"
    )


def shelf(*, night: bool = False) -> str:
    """The band of the home page, 1600 x 460: its left half is left free for words. By night the lamp is lit."""
    colour, table, dark = ("#182a30", "#24393f", "#14242a") if night else ("#cfe0db", "#a9c5bd", "#89aba2")

    def at(x: float, scale: float, drawing: str) -> str:
        return f'<g transform="translate({x} 410) scale({scale}) translate(-400 -{BASE})">{drawing}</g>'

    things = (
        at(770, 0.42, fern())
        + at(920, 0.34, carafe())
        + at(1115, 0.53, walnut_lamp(lit=night))
        + at(1255, 0.25, mug())
        + at(1378, 0.34, kettle())
        + at(1534, 0.29, pencil_pot() + pot_front())
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1600 460" width="1600" height="460">'
        + rect(0, 0, 1600, 460, colour)
        + ("" if night else circle(1180, 150, 200, "#e6d9a8", 'opacity=".7"'))
        + rect(0, 368, 1600, 92, table)
        + rect(0, 368, 1600, 3, dark, 0, 'opacity=".5"')
        + things.replace("SHADOW", dark).replace("WALL", colour)
        + "</svg>\n"
    )


def draw_pictures() -> dict[str, str]:
    """Every picture of a product, and of what is missing, by its name."""
    return {
        name: scene(wall, drawing, detail=name == "walnut-desk-lamp-3") for name, (wall, drawing) in PICTURES.items()
    }


def draw_bands() -> dict[str, str]:
    """The band of the home page, by day and by night."""
    return {"shelf": shelf(), "shelf-night": shelf(night=True)}
