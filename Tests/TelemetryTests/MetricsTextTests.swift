import Telemetry
import Testing

@Suite struct MetricsTextTests {
    @Test func `a counter has help, type and its samples`() {
        var text = MetricsText()
        text.add(
            .counter,
            "sink_events_total",
            "Events.",
            [
                .init(3, ["op": "insert", "result": "applied"]),
                .init(0, ["op": "delete", "result": "applied"]),
            ]
        )
        #expect(
            text.description == """
                # HELP sink_events_total Events.
                # TYPE sink_events_total counter
                sink_events_total{op="insert",result="applied"} 3
                sink_events_total{op="delete",result="applied"} 0

                """
        )
    }

    @Test func `quotes, backslashes and line ends are escaped in labels and help`() {
        var text = MetricsText()
        text.add(.gauge, "g", "a\\b\n\"c\"", [.init(1.5, ["l": "a\"b\\c\nd é"])])
        #expect(
            text.description
                == "# HELP g a\\\\b\\n\"c\"\n# TYPE g gauge\ng{l=\"a\\\"b\\\\c\\nd é\"} 1.5\n"
        )
    }

    @Test func `what is not finite is spelled as Prometheus does`() {
        var text = MetricsText()
        text.add(.gauge, "g", "h", [.init(.infinity), .init(-.infinity), .init(.nan)])
        #expect(text.description.hasSuffix("\ng +Inf\ng -Inf\ng NaN\n"))
    }

    @Test func `a metric without samples is left out`() {
        var text = MetricsText()
        text.add(.gauge, "g", "h", [])
        #expect(text.description.isEmpty)
    }

    @Test func `a histogram's buckets add up, and what is above all bounds is in the last`() {
        var histogram = BucketHistogram(bounds: [0.5, 1])
        for value in [0.25, 0.5, 0.75, 4] { histogram.record(value) }
        var text = MetricsText()
        text.add("t_seconds", "h", histogram)
        #expect(
            text.description == """
                # HELP t_seconds h
                # TYPE t_seconds histogram
                t_seconds_bucket{le="0.5"} 2
                t_seconds_bucket{le="1"} 3
                t_seconds_bucket{le="+Inf"} 4
                t_seconds_sum 5.5
                t_seconds_count 4

                """
        )
    }
}
