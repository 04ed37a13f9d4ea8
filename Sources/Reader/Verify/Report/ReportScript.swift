/// What follows the pointer over the drawings; the page is complete without it.
enum ReportScript {
    static let javaScript = """
        const duration = us => us === null ? "–" : us < 1e3 ? us.toFixed(0) + " µs"
          : us < 1e6 ? (us / 1e3).toFixed(1) + " ms" : (us / 1e6).toFixed(2) + " s";
        const readout = document.querySelector(".readout");
        const plots = document.querySelectorAll("svg.plot");
        const advice = "Point at a drawing to read its figures.";
        readout.textContent = advice;
        function show(event) {
          const svg = event.currentTarget, box = svg.getBoundingClientRect(), view = svg.viewBox.baseVal;
          const x = (event.clientX - box.left) / box.width * view.width;
          const part = (x - svg.dataset.left) / (svg.dataset.right - svg.dataset.left);
          const seconds = part * svg.dataset.seconds, index = Math.floor(seconds / bins.step);
          if (part < 0 || part > 1 || index >= bins.counts[0].length) return hide();
          for (const plot of plots) {
            const line = plot.querySelector(".cursor");
            const at = +plot.dataset.left + part * (plot.dataset.right - plot.dataset.left);
            line.setAttribute("x1", at); line.setAttribute("x2", at);
          }
          const [ok, fail, unknown] = bins.counts.map(list => list[index]);
          readout.textContent = `${seconds.toFixed(1)} s: ${ok} acknowledged, ${fail} failed, ${unknown} unknown; `
            + `slowest ${duration(bins.slowest[index])}; longest lag ${duration(bins.lag[index])}`;
        }
        function hide() {
          readout.textContent = advice;
          for (const line of document.querySelectorAll(".cursor"))
            for (const end of ["x1", "x2"]) line.setAttribute(end, -9);
        }
        for (const plot of plots) {
          plot.addEventListener("pointermove", show);
          plot.addEventListener("pointerleave", hide);
        }

        """
}
