import {openMenu, patient} from "./tour_steps";
import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("account_dunning_analysis", {
    steps: () =>
        patient(
            openMenu("account.menu_finance_reports", "account_dunning.account_dunning_analysis_menu"),
            {
                content: "Click on what was paid in all",
                trigger: ".o_pivot tbody tr:first .o_pivot_cell_value:eq(1):contains(20)",
                run: "click",
            },
            {
                content: "The payment alone makes up what was paid",
                trigger: ".o_list_view:has(.o_data_row:count(1)) .o_data_row td[name=kind]:contains(Paid)",
            },
        ),
});
