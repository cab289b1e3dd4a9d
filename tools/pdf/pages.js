/**
 * Divide the table of a document that does not fit on one page, so that each page carries its sum forward, and keep
 * together what belongs together. Runs in wkhtmltopdf, whose JavaScript is that of 2009.
 *
 * The table has the class `o_pdf_divide`; each row between which it may be divided has the sum up to it as
 * `data-carried`. The words for the sum at the end of a page and at the start of the next one are two `div` in an element
 * of the class `o_pdf_carried`. What stands beside the table, and must not be cut, has the class `o_pdf_keep`.
 *
 * @param {Number} width of what is printed, in the pixels of wkhtmltopdf
 * @param {Number} height of what is printed of each page
 */
// eslint-disable-next-line no-unused-vars
function dividePages(width, height) {
    var table = document.querySelector(".o_pdf_divide");
    if (!table) return;
    var text = table.parentNode;
    document.body.style.width = width + "px"; // the page has none yet
    var start = top(document.body); // of the page at hand
    var texts = document.querySelectorAll(".o_pdf_carried div");

    function top(node) {
        return node.getBoundingClientRect().top;
    }

    function bottom(node) {
        return node.getBoundingClientRect().bottom;
    }

    function makeRow(words, amount) {
        var row = document.createElement("tr");
        row.className = "o_total";
        var name = row.appendChild(document.createElement("td"));
        name.colSpan = table.rows[0].cells.length - 1;
        name.textContent = words.textContent;
        var sum = row.appendChild(document.createElement("td"));
        sum.className = "text-end text-nowrap";
        sum.textContent = amount;
        return row;
    }

    /** Let a new page start with a row of the table. */
    function divide(row) {
        var sum = row.previousElementSibling.getAttribute("data-carried");
        var rest = table.cloneNode(false);
        var body = document.createElement("tbody");
        var gap = document.createElement("div"); // wkhtmltopdf drops the margin of what starts a page
        gap.style.pageBreakBefore = "always";
        gap.style.height = "1.2em";
        rest.appendChild(table.tHead.cloneNode(true));
        rest.appendChild(body);
        body.appendChild(makeRow(texts[1], sum));
        table.tBodies[0].insertBefore(makeRow(texts[0], sum), row);
        while (row) {
            var next = row.nextElementSibling;
            body.appendChild(row);
            row = next;
        }
        text.insertBefore(gap, table.nextSibling);
        text.insertBefore(rest, gap.nextSibling);
        table = rest;
        start = top(gap);
    }

    /** Divide before the last item below which the sum still has room; the total takes an item along. */
    function divideTable() {
        for (var i = 1; i < table.rows.length; ++i) {
            var row = table.rows[i];
            var room = row.nextElementSibling ? row.offsetHeight : 0;
            if (bottom(row) - start + room > height) {
                while (i > 0 && !isDivisible(table.rows[i])) --i;
                if (!i) return;
                divide(table.rows[i]);
                i = 1;
            }
        }
    }

    function isDivisible(row) {
        var before = row.previousElementSibling;
        return row.hasAttribute("data-carried") && before && before.hasAttribute("data-carried");
    }

    /** What must not be cut goes to the next page as a whole. */
    function keepTogether() {
        for (var block = table.nextElementSibling; block; block = block.nextElementSibling) {
            if (bottom(block) - start <= height) continue;
            if (block.className.indexOf("o_pdf_keep") >= 0) {
                block.style.pageBreakBefore = "always";
                block.style.paddingTop = "1.2em";
                start = top(block);
            } else {
                // wkhtmltopdf cuts it between two rows
                while (bottom(block) - start > height) start += height;
            }
        }
    }

    if (bottom(text) - start > height) {
        divideTable();
        keepTogether();
    }
    document.body.style.width = "";
}
