import {registry} from "@web/core/registry";
import {Interaction} from "@web/public/interaction";

/** Tells the server that a browser has opened the customer's page: scanners of e-mails run no script. */
export class CustomersPage extends Interaction {
    static selector = ".o_dunning_page[data-seen]";

    start() {
        const data = new FormData();
        data.append("csrf_token", odoo.csrf_token);
        fetch(this.el.dataset.seen, {method: "POST", body: data});
    }
}

/** The amount on the button is that of what was ticked at first: after a change the server adds up. */
export class CustomersTicks extends Interaction {
    static selector = ".o_dunning_page form";
    dynamicContent = {
        "input[type=checkbox], input[name=amount]": {"t-on-change": () => (this.changed = true)},
        ".o_dunning_due": {"t-att-class": () => ({"d-none": this.changed})},
        ".o_dunning_ticked": {"t-att-class": () => ({"d-none": this.hasDue && !this.changed})},
    };

    setup() {
        this.changed = false;
        this.hasDue = Boolean(this.el.querySelector("button .o_dunning_due"));
    }
}

registry.category("public.interactions").add("account_dunning.customers_page", CustomersPage);
registry.category("public.interactions").add("account_dunning.customers_ticks", CustomersTicks);
