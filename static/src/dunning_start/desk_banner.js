import {Component, onWillStart, useState} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {KanbanRenderer} from "@web/views/kanban/kanban_renderer";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {ListRenderer} from "@web/views/list/list_renderer";
import {listView} from "@web/views/list/list_view";

const MODEL = "account.dunning.start";

/** Above the desk: how far the first hour of the company is, for its dunning managers, until it is over or put away. */
export class DunningDeskBanner extends Component {
    static template = "account_dunning.DunningDeskBanner";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({banner: false});
        onWillStart(async () => {
            this.state.banner = await this.orm.call(MODEL, "get_banner", []);
        });
    }

    async open() {
        await this.action.doAction(await this.orm.call(MODEL, "action_open", []));
    }

    async putAway() {
        const start = await this.orm.call(MODEL, "action_open", []);
        await this.orm.call(MODEL, "action_close", [[start.res_id]]);
        this.state.banner = false;
    }
}

class DeskListRenderer extends ListRenderer {
    static template = "account_dunning.DeskListRenderer";
    static components = {...ListRenderer.components, DunningDeskBanner};
}

class DeskKanbanRenderer extends KanbanRenderer {
    static template = "account_dunning.DeskKanbanRenderer";
    static components = {...KanbanRenderer.components, DunningDeskBanner};
}

registry.category("views").add("collection_desk_list", {...listView, Renderer: DeskListRenderer});
registry.category("views").add("collection_desk_kanban", {...kanbanView, Renderer: DeskKanbanRenderer});
