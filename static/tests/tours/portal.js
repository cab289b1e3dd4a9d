import {registry} from "@web/core/registry";
import {patient} from "./tour_steps";

const page = ".o_dunning_page";
const form = (act) => `${page} form[action$="/${act}"]`;

const asksFor = (amount) => ({content: `It asks for ${amount}`, trigger: `${form("pay")} button:contains(${amount})`});
const nothingIsOverdue = {
    content: "Nothing is overdue any more",
    trigger: `${form("pay")}:contains(Nothing is overdue) button:contains(what is ticked)`,
};
const fits = {
    content: "Nothing is scrolled sideways",
    trigger: page,
    run() {
        const {scrollWidth} = document.scrollingElement;
        if (scrollWidth > window.innerWidth) {
            throw new Error(`${scrollWidth} pixels in a window of ${window.innerWidth}`);
        }
    },
};
const tick = (number) => ({
    content: `Tick the item ${number}, or untick it`,
    trigger: `${form("pay")} input[name=item_ids]:eq(${number})`,
    run: "click",
});
const press = (act) => ({
    content: `Send the form: ${act}`,
    trigger: `${form(act)} button[type=submit]`,
    run: "click",
    expectUnloadPage: true,
});
const open = (act) => ({
    content: `Open: ${act}`,
    trigger: `${page} details:has(form[action$="/${act}"]) summary`,
    run: "click",
});
const type = (act, name, text) => ({
    content: `Type ${text}`,
    trigger: `${form(act)} [name=${name}]:first`,
    run({anchor}) {
        anchor.value = text;
        anchor.dispatchEvent(new Event("input", {bubbles: true}));
        anchor.dispatchEvent(new Event("change", {bubbles: true}));
    },
});
const attach = (act, name) => ({
    content: `Choose the file ${name}`,
    trigger: `${form(act)} input[type=file]`,
    run({anchor}) {
        const files = new DataTransfer();
        files.items.add(
            new File(["%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n"], name, {type: "application/pdf"}),
        );
        anchor.files = files.files;
    },
});
const thanks = {content: "It thanks", trigger: `${page} .alert-success:contains(Thank you)`};
const pay = (amount) => [
    press("pay"),
    {content: `It is ${amount}`, trigger: `${page} h1:contains(${amount})`},
    fits,
    {
        content: "Pay with the provider for tests",
        trigger: "#o_payment_form button[name=o_payment_submit_button]:enabled",
        run: "click",
        expectUnloadPage: true,
    },
    thanks,
    fits,
];

registry.category("web_tour.tours").add("account_dunning_page_pay_all", {
    steps: () => patient(asksFor("280.00"), fits, ...pay("280.00"), nothingIsOverdue),
});

registry.category("web_tour.tours").add("account_dunning_page_pay_some", {
    steps: () =>
        patient(asksFor("280.00"), tick(0), tick(3), asksFor("what is ticked"), ...pay("120.00"), asksFor("160.00")),
});

registry.category("web_tour.tours").add("account_dunning_page_pay_part", {
    steps: () => patient(asksFor("280.00"), type("pay", "amount", "100"), ...pay("100.00"), asksFor("180.00")),
});

registry.category("web_tour.tours").add("account_dunning_page_promise", {
    steps: () =>
        patient(
            open("promise"),
            type("promise", "date", "2026-06-08"),
            type("promise", "amount", "280"),
            fits,
            press("promise"),
            thanks,
            {content: "It says what was promised", trigger: `${page}:contains(/Promise .*280\\.00/)`},
            fits,
        ),
});

registry.category("web_tour.tours").add("account_dunning_page_dispute", {
    steps: () =>
        patient(
            open("dispute"),
            {
                content: "Choose the second invoice",
                trigger: `${form("dispute")} select[name=item_id]`,
                run: "selectByIndex 1",
            },
            {
                content: "The price is wrong",
                trigger: `${form("dispute")} select[name=reason_id]`,
                run: "selectByLabel Wrong Price",
            },
            type("dispute", "amount", "20"),
            type("dispute", "text", "We agreed on 30"),
            attach("dispute", "offer.pdf"),
            fits,
            press("dispute"),
            thanks,
            {content: "The part is marked", trigger: `${page} .badge:contains(/in dispute.*20\\.00/)`},
            asksFor("260.00"),
            fits,
        ),
});
