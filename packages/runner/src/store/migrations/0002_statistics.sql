CREATE TABLE `code_blocks` (
	`trial` integer NOT NULL,
	`shuffle` integer NOT NULL,
	`block` integer NOT NULL,
	`trained` integer NOT NULL,
	`rows` integer NOT NULL,
	`bits` real NOT NULL,
	PRIMARY KEY(`trial`, `shuffle`, `block`),
	FOREIGN KEY (`trial`) REFERENCES `trials`(`key`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `control_tasks` (
	`dataset` text NOT NULL,
	`seed` integer NOT NULL,
	`word` text NOT NULL,
	`labels` text NOT NULL,
	`targets` blob NOT NULL,
	PRIMARY KEY(`dataset`, `seed`),
	FOREIGN KEY (`dataset`) REFERENCES `datasets`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
ALTER TABLE `summaries` ADD `itemScore` real;--> statement-breakpoint
ALTER TABLE `summaries` ADD `itemLow` real;--> statement-breakpoint
ALTER TABLE `summaries` ADD `itemHigh` real;