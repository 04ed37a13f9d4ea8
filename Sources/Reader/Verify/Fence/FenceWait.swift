import Evidence
import Model
import Tables

/// A marker on its way.
struct Marker: Sendable, Equatable {
    var row: RowID
    var partition: Int32
    var fence: Fence
    /// Where it was found in the topic.
    var offset: Int64?
}

/// Follows the markers: into the topic, then into the destination.
struct FenceWait: Sendable {
    private(set) var markers: [Marker]
    let sink: String

    /// The markers that the topic does not have yet.
    var missing: [Marker] { markers.filter { $0.offset == nil } }

    init(_ markers: [Marker], sink: String) {
        (self.markers, self.sink) = (markers, sink)
    }

    /// Takes note of a marker that was found in the topic.
    mutating func found(_ marker: Marker, at offset: Int64) {
        for index in markers.indices where markers[index].fence.token == marker.fence.token {
            markers[index].offset = offset
        }
    }

    /// What of the destination does not hold its marker yet, one text a partition; empty when all passed.
    ///
    /// `values` is what the destination's rows hold, from one snapshot with `progress`.
    func pending(
        values: [RowID: Token],
        progress: [Int32: SinkProgress],
        ends: [Int32: Int64]
    ) -> [String] {
        markers.compactMap { marker in
            guard let offset = marker.offset else { return "partition \(marker.partition): not in the topic" }
            let end = ends[marker.partition].map { ", the topic ends at \($0)" } ?? ""
            guard let next = progress[marker.partition]?.nextOffset else {
                return
                    "partition \(marker.partition): sink_progress knows no such partition of sink \(sink)\(end)"
            }
            guard next > offset else {
                return
                    "partition \(marker.partition): applied up to offset \(next), marker at \(offset)\(end)"
            }
            let value = values[marker.row]
            guard value == marker.fence.token else {
                let held = value?.description ?? "no row"
                return
                    "partition \(marker.partition): applied beyond the marker, but key \(marker.row) holds \(held)"
            }
            return nil
        }
    }
}
