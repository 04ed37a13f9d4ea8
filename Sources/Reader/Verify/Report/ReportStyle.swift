/// The page's style: light and dark, wide, narrow and printed.
enum ReportStyle {
    static let css = """
        :root{--paper:#fff;--raised:#f5f6f8;--ink:#16181d;--soft:#565d6b;--rule:#d9dde4;
        --ok:#0b6e9e;--fail:#c2410c;--unknown:#7e22ce;--lead:#cfe3ee;--lead2:#dfd9f2;--out:#f3c9b4;--good:#15703b;
        --bad:#b42318;--open:#8a5a00;--goodback:#e3f4e9;--badback:#fdeae7;--openback:#fbf1d9;--band:#6b7280}
        @media(prefers-color-scheme:dark){:root{--paper:#101216;--raised:#1a1d23;--ink:#eceef2;--soft:#a8b0be;
        --rule:#343a45;--ok:#5bb8e8;--fail:#ff9466;--unknown:#cf9bff;--lead:#1d4358;--lead2:#3b3163;--out:#6b3218;
        --good:#6fd39a;--bad:#ff8f84;--open:#f0c063;--goodback:#12301f;--badback:#3d1714;--openback:#35290d;
        --band:#9aa3b2}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,
        "Noto Sans","DejaVu Sans",sans-serif;-webkit-text-size-adjust:100%}
        header,main,footer{max-width:1040px;margin:0 auto;padding:0 20px}
        .verdict{margin-top:24px;padding:20px 24px;border-radius:12px;border-left:8px solid}
        @media(min-width:1000px){.verdict{max-width:1000px;margin-left:auto;margin-right:auto}}
        .pass{--tone:var(--good);--back:var(--goodback)}.fail{--tone:var(--bad);--back:var(--badback)}
        .inconclusive,.unknown,.error{--tone:var(--open);--back:var(--openback)}
        .verdict{background:var(--back);border-color:var(--tone)}
        h1{margin:0;font-size:30px;line-height:1.2;letter-spacing:.02em}
        .word{color:var(--tone)}.sign{display:inline-block;width:1.25em;font-weight:700}
        .reasons p{margin:6px 0 0;font-size:17px;overflow-wrap:anywhere}
        .when{margin:10px 0 0;color:var(--soft);font-variant-numeric:tabular-nums}
        h2{font-size:20px;margin:40px 0 12px;padding-bottom:6px;border-bottom:1px solid var(--rule)}
        h3{font-size:15px;margin:0;font-weight:600}
        .note,figcaption,caption,footer{color:var(--soft);font-size:13.5px}.note{margin:4px 0}
        .figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(140px,1fr));gap:12px;margin:20px 0 0}
        .figures div{background:var(--raised);border-radius:10px;padding:12px 14px;display:flex;
        flex-direction:column-reverse;justify-content:flex-end}
        .figures dt{color:var(--soft);font-size:13px;line-height:1.35}
        .figures dd{margin:0;font-size:23px;font-weight:600;font-variant-numeric:tabular-nums}
        figure{margin:0 0 14px}figcaption{display:flex;flex-wrap:wrap;gap:2px 16px;align-items:center}
        figcaption strong{color:var(--ink);font-weight:600}.key{display:inline-flex;align-items:center;gap:5px}
        .key svg{width:14px;height:14px;overflow:visible}
        .plot{display:block;width:100%;height:auto}.narrow{display:none}
        .readout{position:sticky;top:0;margin:0;padding:3px 0;background:var(--paper);font-size:13.5px;
        font-variant-numeric:tabular-nums;z-index:1}
        svg text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;
        fill:var(--ink)}
        svg .axis{fill:var(--soft)}.end{text-anchor:end}.middle,svg .fault-number{text-anchor:middle}
        svg .fault-number{font-weight:700;font-size:11px}
        .grid{stroke:var(--rule)}.base{stroke:var(--soft)}.hatch{fill:var(--band);opacity:.22}
        .fault-edge{stroke:var(--band);stroke-dasharray:3 2}.cursor{stroke:var(--ink);opacity:.6}
        .bar.ok{fill:var(--ok)}.bar.fail{fill:var(--fail)}.bar.unknown{fill:var(--unknown)}
        .mark{fill:none;stroke-width:1.6}.mark.ok{stroke:var(--ok);stroke-width:2.8;stroke-linecap:round}
        .mark.fail{stroke:var(--fail)}.mark.unknown{stroke:var(--unknown);fill:var(--paper)}
        .line{fill:none;stroke-width:2;stroke-linejoin:round}.line.median{stroke:var(--ok)}
        .line.longest{stroke:var(--fail);stroke-dasharray:5 3}
        .span{fill:var(--lead);stroke:var(--soft);stroke-width:.6}.span.odd{fill:var(--lead2)}
        .span.outage{fill:var(--out)}.span.fault{fill:var(--raised)}.span.state{fill:var(--openback)}
        .span.state.ok{fill:var(--goodback)}.span.connector{fill:var(--unknown)}
        .scroll{overflow-x:auto}
        table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
        caption{text-align:left;padding:10px 0 4px}th,td{text-align:left;padding:5px 12px 5px 0;
        border-bottom:1px solid var(--rule);white-space:nowrap}th{color:var(--soft);font-weight:600}
        .checks{list-style:none;margin:0;padding:0}.checks>li{padding:10px 0;border-bottom:1px solid var(--rule);
        display:grid;grid-template-columns:minmax(330px,5fr) 9fr;gap:2px 20px;break-inside:avoid-page}
        .check{display:grid;grid-template-columns:22px 1fr auto 62px;gap:8px;align-items:baseline}
        .check .sign,.check .status{color:var(--tone);font-weight:700}.check .status{font-size:13px}
        .count{text-align:right;font-variant-numeric:tabular-nums}
        .found p{margin:0 0 3px;overflow-wrap:anywhere}.found .headline{font-weight:600}
        .findings{margin:6px 0 0;padding:0;list-style:none}.findings>li{margin:0 0 10px;padding:8px 12px;
        background:var(--raised);border-left:3px solid var(--tone);border-radius:0 8px 8px 0;break-inside:avoid}
        .story,.facts{display:grid;grid-template-columns:auto 1fr;gap:1px 14px;margin:4px 0 0;font-size:13.5px}
        .story dt,.facts dt{color:var(--soft)}.story dd,.facts dd{margin:0;overflow-wrap:anywhere;
        font-variant-numeric:tabular-nums}
        footer{margin-top:36px;padding-bottom:32px}
        @media(max-width:640px){header,main,footer{padding-left:14px;padding-right:14px}
        .verdict{margin:12px 10px 0;padding:14px 16px}h1{font-size:24px}.reasons p{font-size:15px}
        .wide{display:none}.narrow{display:block}.checks>li{grid-template-columns:1fr}
        .figures{grid-template-columns:1fr 1fr}.figures dd{font-size:20px}.facts{grid-template-columns:1fr}
        .facts dd{margin-bottom:6px}.found{padding-left:30px}.readout{position:static}}
        @media print{:root{--paper:#fff;--raised:#f5f6f8;--ink:#000;--soft:#444;--rule:#bbb}
        body{font-size:11pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}
        .readout,.cursor{display:none}figure,tr{break-inside:avoid}h2{break-after:avoid}
        .checks>li{grid-template-columns:1fr}}

        """
}
