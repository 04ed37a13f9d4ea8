/// The space of a drawing and what all drawings share: the time axis, the faults' bands, the cursor.
struct PlotFrame: Sendable {
    enum Size: String, CaseIterable, Sendable {
        case wide, narrow
    }

    let size: Size
    let name: String
    let height: Double
    let time: Scale
    let run: RunTimeline

    static let top = 14.0
    static let bottom = 22.0

    var width: Double { size == .wide ? 960 : 360 }
    var left: Double { time.range.0 }
    var right: Double { time.range.1 }
    /// Where the time axis lies.
    var floor: Double { height - Self.bottom }

    init(_ name: String, _ size: Size, height: Double, _ run: RunTimeline) {
        (self.name, self.size, self.height, self.run) = (name, size, height, run)
        let (left, right) = size == .wide ? (76.0, 948.0) : (58.0, 354.0)
        time = Scale(domain: 0...max(run.seconds, 0.1), range: (left, right))
    }

    /// A whole drawing.
    ///
    /// `description` says in words what it shows, for those who do not see it.
    func svg(title: String, description: String, _ content: (inout Markup) -> Void) -> Markup {
        let id = "\(name)-\(size.rawValue)"
        var markup = Markup()
        markup.element(
            "svg",
            [
                "class": "plot \(size.rawValue)", "role": "img", "aria-labelledby": "\(id)-title \(id)-desc",
                "viewBox": "0 0 \(width.coordinate) \(height.coordinate)", "data-left": left.coordinate,
                "data-right": right.coordinate, "data-seconds": "\(time.domain.upperBound)",
            ]
        ) { svg in
            svg.element("title", ["id": "\(id)-title"], text: title)
            svg.element("desc", ["id": "\(id)-desc"], text: description)
            drawFaults(&svg, id)
            content(&svg)
            drawTimeAxis(&svg)
            svg.shape(
                "line",
                [
                    "class": "cursor", "y1": Self.top.coordinate, "y2": floor.coordinate, "x1": "-9",
                    "x2": "-9",
                ]
            )
        }
        return markup
    }

    /// A line across with its value at the left.
    func drawLevel(_ svg: inout Markup, y: Double, label: String) {
        line(&svg, "grid", x1: left, y1: y, x2: right, y2: y)
        text(&svg, "axis end", x: left - 6, y: y + 4, label)
    }

    func line(_ svg: inout Markup, _ name: String, x1: Double, y1: Double, x2: Double, y2: Double) {
        svg.shape(
            "line",
            [
                "class": name, "x1": x1.coordinate, "y1": y1.coordinate, "x2": x2.coordinate,
                "y2": y2.coordinate,
            ]
        )
    }

    func text(_ svg: inout Markup, _ name: String, x: Double, y: Double, _ words: String) {
        svg.element("text", ["class": name, "x": x.coordinate, "y": y.coordinate], text: words)
    }

    func rect(
        _ svg: inout Markup,
        _ name: String,
        x: Double,
        y: Double,
        width: Double,
        height: Double,
        fill: String? = nil
    ) {
        let place: KeyValuePairs = [
            "class": name, "x": x.coordinate, "y": y.coordinate, "width": max(width, 0).coordinate,
            "height": max(height, 0).coordinate,
        ]
        let filled: KeyValuePairs = [
            "class": name, "x": x.coordinate, "y": y.coordinate, "width": max(width, 0).coordinate,
            "height": max(height, 0).coordinate, "fill": fill ?? "",
        ]
        svg.shape("rect", fill == nil ? place : filled)
    }

    /// Each fault is a line with its number above, and a hatched band until it was undone, where it was.
    private func drawFaults(_ svg: inout Markup, _ id: String) {
        guard !run.faults.isEmpty else { return }
        svg.element(
            "pattern",
            [
                "id": "\(id)-hatch", "width": "6", "height": "6", "patternUnits": "userSpaceOnUse",
                "patternTransform": "rotate(45)",
            ]
        ) { $0.shape("rect", ["class": "hatch", "width": "2", "height": "6"]) }
        var lastLabel = -100.0
        for fault in run.faults {
            let (from, to) = (time(fault.span.from), time(fault.span.to))
            if !fault.isOpen {
                rect(
                    &svg,
                    "band",
                    x: from,
                    y: Self.top,
                    width: max(to - from, 2),
                    height: floor - Self.top,
                    fill: "url(#\(id)-hatch)"
                )
            }
            line(&svg, "fault-edge", x1: from, y1: Self.top, x2: from, y2: floor)
            // Where they stand close together, the first of them speaks.
            if from - lastLabel >= 14 {
                text(&svg, "fault-number", x: from, y: Self.top - 3, "\(fault.number)")
                lastLabel = from
            }
        }
    }

    private func drawTimeAxis(_ svg: inout Markup) {
        line(&svg, "base", x1: left, y1: floor, x2: right, y2: floor)
        let ticks = TimeTicks.over(run.seconds, about: size == .wide ? 9 : 4)
        let step = ticks.count > 1 ? ticks[1] - ticks[0] : 1
        for tick in ticks {
            let x = time(tick)
            line(&svg, "base", x1: x, y1: floor, x2: x, y2: floor + 4)
            let isLast = x > right - 24
            text(
                &svg,
                isLast ? "axis end" : "axis middle",
                x: isLast ? right : x,
                y: floor + 16,
                TimeTicks.label(tick, step: step)
            )
        }
    }
}

extension Double {
    /// Microseconds on an axis, where they are a power of ten: `100 µs`, `1 ms`, `10 s`.
    var axisDuration: String {
        switch self {
        case ..<1_000: "\(Int(rounded())) µs"
        case ..<1_000_000: "\(Int((self / 1_000).rounded())) ms"
        default: "\(Int((self / 1_000_000).rounded())) s"
        }
    }
}
