import HTTPServer
import Telemetry

/// What `reader watch --listen` answers.
struct WatchRoutes: Sendable {
    let board: WatchBoard

    /// The page loads nothing and runs nothing but its own text, whatever it is told to show.
    private static let policy =
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; "
        + "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    private static let page = String(decoding: PackageResources.watch_html, as: UTF8.self)

    var all: [HTTPRoute] {
        [
            HTTPRoute(.get, "/") { _ in
                HTTPAnswer(
                    contentType: "text/html; charset=utf-8",
                    body: Self.page,
                    headers: ["Content-Security-Policy": Self.policy, "X-Content-Type-Options": "nosniff"]
                )
            },
            HTTPRoute(.get, "/watch.json") { [board] _ in
                guard let document = board.document else {
                    return .text("nothing is known yet", status: 503)
                }
                return .json(document)
            },
            HTTPRoute(.get, "/metrics") { [board] _ in
                .metrics(board.document.map { WatchMetrics.text($0.snapshot) } ?? MetricsText())
            },
            HTTPRoute(.get, "/health") { _ in .text("ok") },
        ]
    }
}
