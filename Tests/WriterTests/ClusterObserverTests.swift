import Cluster
import Testing

@testable import Writer

@Suite struct ClusterObserverTests {
    @Test func `only what is new is kept`() {
        var log = ClusterLog()
        let isNews = [
            log.saw(leader: "a", timeline: 1, at: 1), log.saw(leader: "a", timeline: 1, at: 2),
            log.saw(leader: nil, timeline: nil, at: 3),
        ]
        #expect(isNews == [true, false, true])
        log.saw(routed: ["a"], at: 1)
        log.saw(routed: ["a"], at: 2)
        log.saw(routed: [], at: 3)
        #expect(log.leaderships.map(\.moment) == [1, 3])
        #expect(log.routings.map(\.moment) == [1, 3])
    }

    @Test func `what a person has to mend is said once, and an outage never`() {
        var complaints = Complaints()
        let refused = ClusterError(url: "http://a", reason: "HTTP status 401", status: 401)
        let away = ClusterError(url: "http://a", reason: "cannot connect", isOutage: true)
        let broken = ClusterError(url: "http://a", reason: "HTTP status 503", status: 503)
        let other = ClusterError(url: "http://b", reason: "HTTP status 401", status: 401)
        let isNews = [refused, away, broken, refused, other].map { complaints.isNews($0) }
        #expect(isNews == [true, false, false, false, true])
    }
}
