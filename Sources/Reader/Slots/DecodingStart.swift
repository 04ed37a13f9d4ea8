package import Model
import Postgres

/// Whether who begins to read from a slot at a position is sent all that was committed after it.
///
/// A server decodes from the slot's `restart_lsn`, and sends nothing that was committed before decoding was
/// *consistent*: before it has a list of the transactions that ran. With a snapshot file of that very place it is so at
/// once. Without one it has to see every transaction end that ran there, and then every one that ran then; what is
/// committed meanwhile is skipped, in silence, also where it stands after the position that was asked for.
package enum DecodingStart: Sendable, Equatable {
    /// Decoding is consistent there, at or before the position: nothing is skipped.
    case warm(LSN)
    /// Decoding is not consistent at the position: what was committed before it is, is skipped.
    case cold
    /// Decoding jumps to a snapshot that another slot has left there, after this one's `restart_lsn`: what a
    /// transaction changed between the two is missing when it is committed.
    case partial(LSN)
    /// The server can't be asked that, for this reason.
    case unknown(String)

    /// What a server says while it decodes from `restart` up to a position.
    init(_ notices: [Notice], restart: LSN) {
        for notice in notices {
            switch notice.function {
            case "SnapBuildRestore":
                guard let place = LSN.first(in: notice.words) else { continue }
                self = place == restart ? .warm(place) : .partial(place)
                return
            case "SnapBuildFindSnapshot":
                // The steps before it name the number of transactions that are waited for, in every language.
                guard let place = LSN.first(in: notice.words), !notice.detailHasDigits
                else { continue }
                self = .warm(place)
                return
            default: continue
            }
        }
        self = .cold
    }

    /// Why it is no proof; `nil` where it is one.
    package var objection: String? {
        switch self {
        case .warm: nil
        case .cold:
            "the slot is cold: decoding is not consistent yet at the position that capture goes on from"
        case .partial(let place):
            "the slot is cold: decoding is consistent only by another slot's snapshot at \(place), and what "
                + "transactions changed before that is missing"
        case .unknown(let reason): "whether the slot is cold is not known: \(reason)"
        }
    }
}

private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

extension LSN {
    /// The first position in a message, whatever the words around it.
    static func first(in text: String) -> LSN? {
        let runs = Array(text.utf8).split { !mayHold($0) }
        return runs.lazy.filter { $0.contains(UInt8(ascii: "/")) }
            .compactMap { LSN(String(decoding: $0, as: UTF8.self)) }.first
    }

    private static func mayHold(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte) || byte == UInt8(ascii: "/")
    }

    /// The name of the file that holds decoding's snapshot of this place.
    var snapshotFile: String {
        let (high, low) = (rawValue >> 32, rawValue & 0xFFFF_FFFF)
        return String(high, radix: 16, uppercase: true) + "-" + String(low, radix: 16, uppercase: true)
            + ".snap"
    }
}
