public import HTTPServer

extension HTTPAnswer {
    /// Prometheus' text format.
    public static func metrics(_ text: MetricsText) -> HTTPAnswer {
        HTTPAnswer(contentType: "text/plain; version=0.0.4; charset=utf-8", body: text.description)
    }
}
