/** Entry of the window: styles, fonts, the stores, the commands and the app. Everything else hangs below App.svelte. */
import './state/schemas.ts';
import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/shared.css';
import { mount } from 'svelte';
import { commandList } from './command-list.ts';
import { stores as data } from './rooms/data/stores.ts';
import { stores as judge } from './rooms/judge/stores.ts';
import { stores as label } from './rooms/label/stores.ts';
import { stores as ship } from './rooms/ship/stores.ts';
import { stores as train } from './rooms/train/stores.ts';
import { commands, stores as shared, studio, theme } from './stores.ts';
import App from './App.svelte';

theme.apply();
studio.tell(...shared, ...data, ...label, ...train, ...judge, ...ship);
commands.register(commandList);
window.atelier?.onCommand((id) => commands.choose(id));
mount(App, { target: document.getElementById('app')! });
void studio.run();
