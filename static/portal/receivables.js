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

registry.category("public.interactions").add("account_dunning.customers_page", CustomersPage);
