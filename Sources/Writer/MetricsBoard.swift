import HTTPServer
import Model
import Synchronization
import Telemetry

/// What is answered over HTTP while a run goes on.
final class MetricsBoard: Sendable {
    private let shown = Mutex<(run: LoadRun, observer: ClusterObserver)?>(nil)

    /// Shows a run from now on.
    func show(_ run: LoadRun, _ observer: ClusterObserver) {
        shown.withLock { $0 = (run, observer) }
    }

    var routes: [HTTPRoute] {
        [
            HTTPRoute(.get, "/metrics") { [self] _ in
                guard let (run, observer) = shown.withLock({ $0 }) else {
                    return .metrics(MetricsText())
                }
                let account = run.account.withLock { $0 }
                let places = observer.snapshot()
                return .metrics(
                    WriterMetrics.text(account, name: { places.name(of: $0) }, now: .now())
                )
            }
        ]
    }
}
