import {Component, onMounted, useEffect, useRef, useState} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

// How wide a page is as a browser measures it, with less margin than on paper: what counts is that it can be read.
const PAGE_WIDTH = 704;

/** The steps of the first hour; a click goes to one. */
export class DunningStepsField extends Component {
    static template = "account_dunning.DunningStepsField";
    static props = {...standardFieldProps};

    get steps() {
        return this.props.record.data[this.props.name] || [];
    }

    get current() {
        return this.props.record.data.step;
    }

    async go(name) {
        await this.props.record.update({step: name}, {save: true});
    }
}

registry.category("fields").add("dunning_steps", {
    component: DunningStepsField,
    fieldDependencies: [{name: "step", type: "selection"}],
});

/** A letter as it is printed, made so small that it fits. What is in it cannot run, and leads nowhere. */
export class DunningLetterPage extends Component {
    static template = "account_dunning.DunningLetterPage";
    static props = {html: String, title: String};

    setup() {
        this.page = useRef("page");
        this.state = useState({scale: 0});
        useEffect(
            (page) => {
                const observer = new ResizeObserver(() => {
                    this.state.scale = page.clientWidth / PAGE_WIDTH;
                });
                observer.observe(page);
                return () => observer.disconnect();
            },
            () => [this.page.el],
        );
    }
}

/** The three ladders side by side, each with its letter in the chosen language and of the chosen level. */
export class DunningLadders extends Component {
    static template = "account_dunning.DunningLadders";
    static components = {DunningLetterPage};
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({data: null, busy: false, large: ""});
        onMounted(() => this.load("", 0));
    }

    get record() {
        return this.props.record;
    }

    async call(method, ...args) {
        this.state.busy = true;
        try {
            return await this.orm.call(this.record.resModel, method, [[this.record.resId], ...args]);
        } finally {
            this.state.busy = false;
        }
    }

    async load(lang, number) {
        this.state.data = await this.call("get_letters", lang, number);
    }

    enlarge(name) {
        this.state.large = this.state.large === name ? "" : name;
    }

    async use(name) {
        await this.call("action_use_ladder", name);
        await this.record.load();
    }

    async keep() {
        await this.call("action_keep_type");
        await this.record.load();
    }

    async add(name) {
        await this.action.doAction(await this.call("action_add_ladder", name));
    }
}

registry.category("view_widgets").add("dunning_ladders", {component: DunningLadders});
