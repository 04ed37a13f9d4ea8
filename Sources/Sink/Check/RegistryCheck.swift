import Formats
import HTTPRequests

/// Looks whether the schema registries of keys and values answer.
enum RegistryCheck {
    static func run(_ converters: RecordConverters, into report: inout CheckReport) async {
        for (part, converter) in [
            ("key.converter", converters.keyRegistry), ("value.converter", converters.valueRegistry),
        ] {
            guard let access = converter?.access else { continue }
            for url in access.urls where access.credentials.hasSecret || HTTPBase(url).hasPassword {
                guard !HTTPBase(url).isAuthentic else { continue }
                report.add(
                    .note,
                    part,
                    "\(HTTPBase.shown(url)) gets a password or token without TLS; give https://"
                )
            }
            for (url, answer) in await RegistryProbe(access).answers {
                switch answer {
                case .good: report.add(.ok, part, "the registry at \(url) answers")
                case .other(let reason): report.add(.failure, part, "the registry at \(url) \(reason)")
                case .none(let reason):
                    report.add(.unreachable, part, "the registry does not answer: \(reason)")
                }
            }
        }
    }
}
