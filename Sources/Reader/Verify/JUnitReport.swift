/// The verdict as JUnit XML: one suite, one case for each check.
///
/// A broken guarantee is a `failure`, a check without proof is `skipped`, a part that can't be reached an
/// `error`, as CI systems read it.
struct JUnitReport {
    var document: VerdictDocument

    var xml: String {
        let failures = document.checks.count { $0.status == "fail" }
        let skipped = document.checks.count { $0.status == "unknown" }
        let isError = document.verdict == "ERROR"
        let counts =
            "tests=\"\(isError ? 1 : document.checks.count)\" failures=\"\(failures)\" "
            + "errors=\"\(isError ? 1 : 0)\" skipped=\"\(skipped)\""
        var lines = [
            #"<?xml version="1.0" encoding="UTF-8"?>"#,
            "<testsuites \(counts)>",
            "  <testsuite name=\"reader verify\" \(counts)>",
            "    <properties>",
            property("verdict", document.verdict),
            property("first line", document.firstLine),
        ]
        for fault in document.faults {
            lines.append(property("fault", fault.fault))
            if let time = fault.writeRecovery {
                lines.append(property("write recovery of \(fault.fault), µs", "\(time)"))
            }
        }
        lines.append("    </properties>")
        if isError {
            lines.append("    <testcase classname=\"reader.verify\" name=\"evidence\">")
            lines.append("      <error message=\"\(document.firstLine.asXML)\"/>")
            lines.append("    </testcase>")
        }
        for check in document.checks { lines += testCase(check) }
        return (lines + ["  </testsuite>", "</testsuites>"]).joined(separator: "\n")
    }

    private func testCase(_ check: VerdictDocument.CheckPart) -> [String] {
        let head = "    <testcase classname=\"reader.verify\" name=\"\(check.name.asXML)\""
        var body = check.examples
        for finding in check.findings {
            body.append(finding.text)
            if let story = finding.story { body.append("    \(story.sentence)") }
        }
        if check.hidden > 0 { body.append("and \(check.hidden) more (--all)") }
        let message = check.headline.isEmpty ? check.notes.first ?? "" : check.headline
        switch check.status {
        case "fail":
            return [
                "\(head)>", "      <failure message=\"\(message.asXML)\">",
                body.joined(separator: "\n").asXML, "      </failure>", "    </testcase>",
            ]
        case "unknown":
            return ["\(head)>", "      <skipped message=\"\(message.asXML)\"/>", "    </testcase>"]
        default:
            guard !check.notes.isEmpty else { return ["\(head)/>"] }
            let notes = check.notes.joined(separator: "\n").asXML
            return ["\(head)>", "      <system-out>\(notes)</system-out>", "    </testcase>"]
        }
    }

    private func property(_ name: String, _ value: String) -> String {
        "      <property name=\"\(name.asXML)\" value=\"\(value.asXML)\"/>"
    }
}

extension String {
    /// The text as it may stand in XML, between tags and in attributes.
    var asXML: String {
        var text = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            case "\n", "\t": text.unicodeScalars.append(scalar)
            // XML 1.0 has no control characters of C0 but those, not even as references.
            case _ where scalar.isHidden: text += "\u{FFFD}"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
