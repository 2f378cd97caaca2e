extension PageSheet {
    /// Listens for windows that were judged, and puts the changed part of the page in the place of the old one.
    ///
    /// Everything works without it, but that a page stays as it was made. It never leaves somebody to believe an old page: where the
    /// server cannot be reached for a minute, that is said.
    static let pageScript = #"""
        "use strict";
        (() => {
          const main = document.querySelector("main");
          if (!main) return;
          const lost = document.querySelector(".lost");
          let busy = false, again = false, seen = Date.now();

          const hear = () => { seen = Date.now(); if (lost && !lost.hidden) lost.hidden = true; };
          const keyOf = (element) => element.id ? "#" + element.id
            : element.getAttribute("href") ? "a" + element.getAttribute("href") + "|" + element.className : null;

          const keep = () => {
            const kept = { open: [], fields: [], focus: null, range: null };
            for (const details of main.querySelectorAll("details[id]")) if (details.open) kept.open.push(details.id);
            for (const field of main.querySelectorAll("input[id],select[id]"))
              if (field.type !== "hidden") kept.fields.push([field.id, field.value]);
            const active = document.activeElement;
            if (active && main.contains(active)) {
              kept.focus = active.tagName === "SUMMARY" && active.parentElement.id
                ? "summary#" + active.parentElement.id : keyOf(active);
              if (active.tagName === "INPUT" && active.selectionStart !== null)
                kept.range = [active.selectionStart, active.selectionEnd];
            }
            return kept;
          };
          const find = (key) => {
            if (key.startsWith("summary#")) {
              const details = document.getElementById(key.slice(8));
              return details && details.querySelector("summary");
            }
            if (key.startsWith("#")) return document.getElementById(key.slice(1));
            for (const link of main.querySelectorAll("a[href]")) if (keyOf(link) === key) return link;
            return null;
          };
          const restore = (kept) => {
            for (const id of kept.open) { const details = document.getElementById(id); if (details) details.open = true; }
            for (const [id, value] of kept.fields) { const field = document.getElementById(id); if (field) field.value = value; }
            const target = kept.focus && find(kept.focus);
            if (target) {
              target.focus({ preventScroll: true });
              if (kept.range && target.setSelectionRange) target.setSelectionRange(...kept.range);
            }
          };

          const refresh = async () => {
            if (busy) { again = true; return; }
            busy = true;
            try {
              const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
              if (answer.status === 401) { location.reload(); return; }
              if (!answer.ok) throw new Error(String(answer.status));
              const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
              const next = fresh.querySelector("main");
              if (!next) throw new Error("no page");
              hear();
              const kept = keep();
              main.replaceChildren(...next.childNodes);
              main.dataset.mark = next.dataset.mark || "";
              restore(kept);
              document.title = fresh.title;
              for (const selector of ["link[rel=icon]", ".asof"]) {
                const [old, replacement] = [document.querySelector(selector), fresh.querySelector(selector)];
                if (old && replacement) old.replaceWith(replacement);
              }
              prepare();
              main.classList.remove("swapped");
              void main.offsetWidth;
              main.classList.add("swapped");
            } catch { /* The page says by itself when it has not heard of the server for a minute. */ }
            finally {
              busy = false;
              if (again) { again = false; refresh(); }
            }
          };

          // A strip is one stop of the tab key; the arrow keys lead from cell to cell.
          const prepare = () => {
            for (const strip of main.querySelectorAll(".strip")) {
              const cells = [...strip.querySelectorAll("a.w")];
              const focused = cells.indexOf(document.activeElement);
              cells.forEach((cell, index) => { cell.tabIndex = index === (focused < 0 ? cells.length - 1 : focused) ? 0 : -1; });
            }
          };
          main.addEventListener("keydown", (event) => {
            const cell = event.target.closest && event.target.closest(".strip a.w");
            if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
            const cells = [...cell.closest(".strip").querySelectorAll("a.w")];
            const hour = cell.parentElement.querySelectorAll("a.w").length;
            const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -hour, ArrowDown: hour, Home: -cells.length, End: cells.length };
            if (!(event.key in steps)) return;
            event.preventDefault();
            const index = Math.min(cells.length - 1, Math.max(0, cells.indexOf(cell) + steps[event.key]));
            cell.tabIndex = -1;
            cells[index].tabIndex = 0;
            cells[index].focus();
          });
          prepare();

          // A link from elsewhere brings no cookie along; asking again from here does.
          if (document.body.dataset.events === "signed-out") {
            fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" })
              .then((answer) => { if (answer.ok) location.replace(location.href); }, () => {});
            return;
          }
          if (document.body.dataset.events !== "on" || !window.EventSource) return;
          let source = null;
          const listen = () => {
            source = new EventSource("/events");
            source.addEventListener("judged", (event) => {
              hear();
              if (event.data !== main.dataset.mark) refresh();
            });
            source.addEventListener("still", hear);
            source.addEventListener("open", hear);
          };
          listen();
          setInterval(() => {
            if (source.readyState === EventSource.CLOSED) listen();
            if (lost && Date.now() - seen > 60000) lost.hidden = false;
          }, 5000);
          addEventListener("pagehide", () => source.close());
          addEventListener("pageshow", (event) => { if (event.persisted) { listen(); refresh(); } });
        })();

        """#
}
