import Foundation
import Testing

/// What tests hand to the programs.
extension Lab {
    /// Where this lab lives.
    var folder: String {
        get throws { try #require(environment["LAB_DIR"]) }
    }

    /// The lab's sink configuration, changed, under another name.
    ///
    /// A user without a password has it in the file that PGPASSFILE names.
    func sinkDocument(
        _ name: String,
        _ change: (inout [String: Any]) throws -> Void
    ) throws -> [String: Any] {
        let path = try #require(environment["HANDOVER_SINK_CONFIG"])
        let document = try JSONSerialization.jsonObject(with: try Data(contentsOf: URL(filePath: path)))
        var body = try #require(document as? [String: Any])
        var config = try #require(body["config"] as? [String: Any])
        try change(&config)
        (body["name"], body["config"]) = (name, config)
        return body
    }

    /// Writes a file that only its owner can read, for it may hold a password; returns its path.
    func privateFile(_ path: String, _ text: String) throws -> String {
        let options: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
        let isMade = FileManager.default.createFile(
            atPath: path,
            contents: Data(text.utf8),
            attributes: options
        )
        #expect(isMade, "\(path)")
        return path
    }

    func privateFile(_ path: String, _ document: [String: Any]) throws -> String {
        let data = try JSONSerialization.data(withJSONObject: document)
        return try privateFile(path, String(decoding: data, as: UTF8.self))
    }
}
