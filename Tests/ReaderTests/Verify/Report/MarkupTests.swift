import Testing

@testable import Verify

@Suite("Markup of the report") struct MarkupTests {
    @Test func `what comes from outside can't become markup`() {
        var markup = Markup()
        markup.element("p", ["title": #"a" onload="x"#], text: "<script>alert('1') & more</script>")
        #expect(
            markup.html
                == "<p title=\"a&quot; onload=&quot;x\">&lt;script&gt;alert(&#39;1&#39;) &amp; more&lt;/script&gt;</p>"
        )
    }

    @Test func `control characters are replaced, line ends and letters of any script stay`() {
        #expect("a\u{0}\u{1B}[31m\n\u{9F}ß漢🙂".escapedForHTML == "a\u{FFFD}\u{FFFD}[31m\n\u{FFFD}ß漢🙂")
    }

    @Test func `coordinates have one decimal at most`() {
        #expect(12.0.coordinate == "12")
        #expect(12.34.coordinate == "12.3")
        #expect((-0.25).coordinate == "-0.3")
        #expect((-0.01).coordinate == "0")
        #expect(Double.nan.coordinate == "0")
        #expect(Double.infinity.coordinate == "0")
    }
}
